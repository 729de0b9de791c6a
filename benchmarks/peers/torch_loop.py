"""The PyTorch training loop, as its tutorials write it.

``fused`` asks for the optimizer's one-kernel form, ``compiled`` for that and ``torch.compile``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.workloads import Array, Fit, Floats, Predict, Training, each_epoch, in_chunks
from benchmarks.workloads.convolutional import Convolutional
from benchmarks.workloads.embedding import Lookup
from benchmarks.workloads.net import Net
from benchmarks.workloads.tabular import Tabular


def classifier(net: Net, folder: str, fused: bool = False, compiled: bool = False) -> Fit:
    """Return the training of a classifier."""
    model = dense_layers(net)
    if net.optimizer == "adam":
        optimizer = torch.optim.Adam(model.parameters(), net.learning_rate, eps=1e-7, fused=fused or compiled)
    else:
        optimizer = torch.optim.SGD(model.parameters(), net.learning_rate, fused=fused or compiled)
    return training(net, model, optimizer, nn.CrossEntropyLoss(), *net.data(folder), compiled=compiled)


def tabular(table: Tabular, folder: str, fused: bool = False, compiled: bool = False) -> Fit:
    """Return the training on a table, with accuracy."""
    layers: list[nn.Module] = []
    for inputs, units in zip(table.sizes, table.sizes[1:-1], strict=False):
        norm = nn.BatchNorm1d(units, eps=table.epsilon, momentum=1 - table.momentum)
        layers += [nn.Linear(inputs, units), norm, nn.ReLU(), nn.Dropout(table.dropout)]
    model = nn.Sequential(*layers, nn.Linear(table.sizes[-2], 1))
    options = {"lr": table.learning_rate, "weight_decay": table.weight_decay, "eps": 1e-7, "fused": fused or compiled}
    optimizer = torch.optim.AdamW(start(model, table.kernels()), **options)
    loss = nn.BCEWithLogitsLoss()
    return training(table, model, optimizer, loss, *table.data(), compiled=compiled, right=lambda z, y: (z > 0) == y)


def embedding(lookup: Lookup, folder: str) -> Fit:
    """Return the training of a table of embeddings, which have a sparse gradient."""
    table = nn.Embedding(lookup.rows, lookup.width, sparse=True)
    model = nn.Sequential(table, nn.Flatten(), nn.Linear(lookup.columns * lookup.width, 1))
    optimizer = torch.optim.SGD(start(model, lookup.kernels()), lookup.learning_rate)
    return training(lookup, model, optimizer, nn.MSELoss(), *lookup.data())


def convolutional(net: Convolutional, folder: str) -> Fit:
    """Return the training of a convolutional net."""
    rows, columns, channels = net.pooled
    model = nn.Sequential(
        *(nn.Conv2d(1, net.filters, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(net.filters, net.filters, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(rows * columns * channels, net.hidden), nn.ReLU()),
        nn.Linear(net.hidden, net.classes),
    )
    first, second, third, last = net.kernels()
    third = third.reshape(*net.pooled, -1).transpose(2, 0, 1, 3).reshape(third.shape)  # channels come first here
    optimizer = torch.optim.Adam(start(model, [first, second, third, last]), eps=1e-7)
    x, y = net.data()
    return training(net, model, optimizer, nn.CrossEntropyLoss(), x.transpose(0, 3, 1, 2).copy(), y)


def predict(net: Net, compiled: bool = False) -> Predict:
    """Return the forward pass without its gradient tape, from an array to an array."""
    model = dense_layers(net).eval()
    model = torch.compile(model) if compiled else model

    @in_chunks
    def forward(x: Floats) -> Any:
        with torch.inference_mode():
            return model(torch.from_numpy(x)).numpy()

    return forward


def dense_layers(net: Net) -> nn.Sequential:
    """Return a classifier with its initial weights."""
    layers: list[nn.Module] = []
    for inputs, units in zip(net.sizes, net.sizes[1:], strict=False):
        layers += [nn.Linear(inputs, units), nn.Sigmoid() if net.activation == "sigmoid" else nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    start(model, net.kernels())
    return model


def start(model: nn.Module, kernels: list[Floats]) -> list[nn.Parameter]:
    """Give the model its initial weights, which PyTorch keeps transposed, and return them."""
    axes: dict[type, Callable[[Floats], Array]] = {
        nn.Linear: lambda kernel: kernel.T,
        nn.Conv2d: lambda kernel: kernel.transpose(3, 2, 0, 1),
        nn.Embedding: lambda kernel: kernel,
    }
    layers = [layer for layer in model.modules() if type(layer) in axes]
    with torch.no_grad():
        for layer, kernel in zip(layers, kernels, strict=True):
            layer.weight.copy_(torch.from_numpy(axes[type(layer)](kernel)))
            if getattr(layer, "bias", None) is not None:
                layer.bias.zero_()
    return list(model.parameters())


def training(
    workload: Training,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_function: nn.Module,
    x: Array,
    y: Array,
    compiled: bool = False,
    right: Callable[[Any, Any], Any] | None = None,
) -> Fit:
    """Return the training loop; ``right`` tells which outputs are, for the accuracy."""
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    model = torch.compile(model) if compiled else model
    torch.manual_seed(2)

    @each_epoch
    def fit(rows: int, shuffle: bool) -> float:
        order = torch.randperm(rows) if shuffle else torch.arange(rows)
        total, hits = torch.zeros(()), torch.zeros(())
        for index in order.split(workload.batch):
            target = targets[index]
            outputs = model(inputs[index])
            loss = loss_function(outputs, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
            if right is not None:
                hits += right(outputs.detach(), target).sum()
        return float(total) * workload.batch / rows

    return fit
