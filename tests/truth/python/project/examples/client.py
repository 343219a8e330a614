"""How a customer asks for events."""

import subprocess
import sys


def main(number):
    print(subprocess.check_output("curl -s https://parcels.example/track?number=" + number, shell=True))


if __name__ == "__main__":
    main(sys.argv[1])
