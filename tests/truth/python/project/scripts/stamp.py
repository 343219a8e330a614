"""Writes the version into a file; run by hand before a release."""

import os
import sys

os.system("git describe --tags > " + sys.argv[1])
