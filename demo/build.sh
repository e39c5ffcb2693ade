#!/bin/sh
# Builds the demo as any static ARM Linux program is built: Thumb-2, VFP, glibc.
set -eu
cd "$(dirname "$0")"
arm-linux-gnueabihf-gcc -std=gnu17 -Wall -Wextra -O2 -mthumb -static -s -pthread -o renderer renderer.c -lm
