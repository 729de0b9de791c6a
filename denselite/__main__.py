"""``python -m denselite``: look at files of models, convert them, verify them."""

from __future__ import annotations

from denselite.commands.main import main

if __name__ == "__main__":
    raise SystemExit(main())
