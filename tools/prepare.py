"""Prepare all data sets ahead, and say what lies where, from which source and how large: `python -m tools.prepare`.

With --full a sample is an error.
"""

import sys

from helpers import data


def main(full=False):
    """Load each set once into the cache; exit with 1 if a folder is wrong, or if `full` and a set is a sample."""
    errors = []
    for name in data.SETS:
        try:
            loaded, path = data.load_data(name), data.cache_file(name)
            if loaded.full and path.exists():
                print(f"{loaded.source}, {path.stat().st_size / 1e6:.0f} MB in {path}")
            if full and not loaded.full:
                errors.append(f"wanted is the full set, not {loaded.source}")
        except (OSError, ValueError) as error:
            errors.append(str(error))
    sys.exit("\n".join(errors) or 0)


if __name__ == "__main__":
    main(full="--full" in sys.argv)
