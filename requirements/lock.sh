#!/bin/sh
# Chooses versions for pyproject.toml and writes the locks, with hashes and without naming an index:
# torch.txt (torch, torchvision and the libraries they bring), base.txt (the rest of what runs), dev.txt (base and the tools), uv.txt.
set -eu
compile="$BIN/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url"
torch='^(torch|torchvision|triton|nvidia-[a-z0-9-]*|cuda-[a-z]*)=='
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# A package is its line and the indented lines with its hashes after it.
keep() { awk -v pattern="$torch" -v wanted="$1" '/^[a-z]/ {is = ($0 ~ pattern)} is == wanted' "$2"; }

$compile pyproject.toml --group dev -o "$tmp/dev.txt"
$compile pyproject.toml --constraint "$tmp/dev.txt" -o "$tmp/all.txt"
keep 1 "$tmp/all.txt" > requirements/torch.txt
keep 0 "$tmp/all.txt" > requirements/base.txt
keep 0 "$tmp/dev.txt" > requirements/dev.txt
echo uv | $compile - -o requirements/uv.txt
