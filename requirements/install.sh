#!/bin/sh
# Makes the virtual environment $1. Every package is pinned with its hashes; torch and torchvision have two sources, and
# always share one: PyTorch's CPU index when there is no GPU and it answers within seconds (200 MB instead of 3 GB), else the registry.
set -eu
venv=$1
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Mwalimu needs Python 3.11 or newer; $python is $("$python" -V). Try: make PYTHON=python3.12" >&2
    exit 1
}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --require-hashes -r requirements/uv.txt
uv="$venv/bin/uv pip install --quiet --compile-bytecode --python $venv/bin/python"

cpu_index_answers() {
    command -v nvidia-smi >/dev/null 2>&1 && return 1
    "$venv/bin/python" - "$TORCH_CPU_INDEX/torch/" <<'PROBE'
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=4).read(1)
except Exception:
    sys.exit(1)
PROBE
}

echo "Installing packages (a few minutes the first time) ..."
if cpu_index_answers; then
    $uv --no-deps --index-url "$TORCH_CPU_INDEX" $(sed -n 's/^\(torch\(vision\)\{0,1\}==[^ ;]*\).*/\1/p' requirements/torch.txt)
else
    $uv --require-hashes --no-deps -r requirements/torch.txt
fi
$uv --require-hashes --no-deps -r requirements/base.txt
$uv --no-deps --no-build-isolation --editable .
