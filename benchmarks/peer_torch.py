"""The PyTorch training loop: eager, as its tutorials write it; ``fused`` asks for the optimizer's one-kernel form."""

from __future__ import annotations

import torch
from torch import nn

from benchmarks.workloads import Epoch, Floats, Labels, Workload


def build(workload: Workload, weights: list[Floats], x: Floats, y: Labels, fused: bool) -> Epoch:
    """Return ``epoch(rows, shuffle)``, which trains on the first ``rows`` and returns the mean loss."""
    model = make_model(workload, weights)
    options = {"lr": workload.learning_rate, "fused": fused}
    if workload.optimizer == "adam":
        optimizer = torch.optim.Adam(model.parameters(), eps=1e-7, **options)
    else:
        optimizer = torch.optim.SGD(model.parameters(), **options)
    loss_function = nn.CrossEntropyLoss()
    images, labels = torch.from_numpy(x), torch.from_numpy(y)
    torch.manual_seed(2)

    def epoch(rows: int, shuffle: bool) -> float:
        order = torch.randperm(rows) if shuffle else torch.arange(rows)
        total = torch.zeros(())
        for index in order.split(workload.batch):
            loss = loss_function(model(images[index]), labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        return float(total) * workload.batch / rows

    return epoch


def make_model(workload: Workload, weights: list[Floats]) -> nn.Sequential:
    """Return the network with the given weights (PyTorch keeps kernels transposed)."""
    layers: list[nn.Module] = []
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        linear = nn.Linear(*kernel.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(kernel.T))
            linear.bias.copy_(torch.from_numpy(bias))
        layers += [linear, nn.Sigmoid() if workload.activation == "sigmoid" else nn.ReLU()]
    return nn.Sequential(*layers[:-1])
