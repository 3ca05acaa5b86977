"""Prepare all data sets ahead, and say what lies where, from which source and how large: `python -m tools.prepare`."""

import sys

from helpers import data


def main():
    """Load each set once, so that it lies in the cache; exit with 1 if a folder is wrong."""
    errors = []
    for name in data.SETS:
        try:
            loaded, path = data.load_data(name), data.cache_file(name)
            if loaded.full and path.exists():
                print(f"{loaded.source}, {path.stat().st_size / 1e6:.0f} MB in {path}")
        except (OSError, ValueError) as error:
            errors.append(str(error))
    sys.exit("\n".join(errors) or 0)


if __name__ == "__main__":
    main()
