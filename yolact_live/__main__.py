"""``python -m yolact_live``: the same as the command ``yolact-live``."""

from yolact_live.cli import main

if __name__ == "__main__":
    main()
