#!/bin/sh
# Runs inside the build of python:V-slim: Debian's CPython V becomes what the official image has: everything under
# /usr/local, packages in site-packages, no interpreter in /usr/bin, no PEP 668 marker.
set -eu
V=$1
here=$(dirname "$0") bin=/usr/local/bin lib=/usr/local/lib/python$V wheels=/usr/share/python-wheels
export DEBIAN_FRONTEND=noninteractive
[ ! -d "$here/etc" ] || cp -r "$here/etc/." /etc/
apt-get update -q
apt-get install -yq --no-install-recommends ca-certificates netbase tzdata "python$V-venv"

cp "/usr/bin/python$V" "$bin/"
mkdir -p "$lib"; cp -a "/usr/lib/python$V/." "$lib/"
rm -rf "$lib/dist-packages" "$lib/EXTERNALLY-MANAGED" "$lib/sitecustomize.py"
# links out of the tree end with the purge below: real files instead
find "$lib" -type l | while read -r f; do
  t=$(readlink -f "$f" || true)
  if [ -f "$t" ]; then rm "$f"; cp "$t" "$f"; fi
done
# install to the plain prefix, as upstream does
for f in "$lib/sysconfig.py" "$lib/sysconfig/__init__.py"; do
  [ ! -f "$f" ] || sed -i "s/prefix_scheme = 'posix_local'/prefix_scheme = 'posix_prefix'/" "$f"
done
# Debian's site module is frozen into the binary and knows dist-packages only. One directory under both names, and the
# upstream name is what programs see.
mkdir "$lib/site-packages"; ln -s site-packages "$lib/dist-packages"
cat >"$lib/sitecustomize.py" <<'P'
import site
import sys


def getsitepackages(prefixes=None):
    tail = "/lib/python%d.%d/site-packages" % sys.version_info[:2]
    return [p + tail for p in dict.fromkeys(prefixes or site.PREFIXES)]


site.getsitepackages = getsitepackages
sys.path[:] = dict.fromkeys(p.replace("/dist-packages", "/site-packages") for p in sys.path)
P

# headers, for packages with C sources
cd "$here"
apt-get download -q "libpython$V-dev"
dpkg -x libpython"$V"-dev_*.deb dev
cp -a "dev/usr/include/python$V" /usr/local/include/
cp dev/usr/include/*-linux-gnu/python"$V"/pyconfig.h "/usr/local/include/python$V/"

# Debian's interpreter goes, the shared libraries that the moved one is linked to stay
keep=$({ ldd "$bin/python$V"; find "$lib/lib-dynload" -name '*.so' -exec ldd {} +; } | awk '$3 ~ /^\// { print $3 }' | sort -u |
  while read -r f; do { dpkg -S "$(readlink -f "$f")" || dpkg -S "$f"; } 2>/dev/null || true; done | cut -d: -f1 | sort -u)
mkdir w; cp -L "$wheels"/*.whl w/
# shellcheck disable=SC2086
apt-mark manual $keep media-types >/dev/null
apt-get purge -yq --auto-remove "python$V-venv" "python$V" "python$V-minimal" "libpython$V-stdlib" "libpython$V-minimal"
mkdir -p "$wheels"; cp w/pip-*.whl "$wheels/"; cp w/setuptools-*.whl "$wheels/" 2>/dev/null || true

for n in python python3; do ln -s "python$V" "$bin/$n"; done
case $V in 3.11) want='pip==24.0 setuptools==79.0.1 wheel==0.45.1' ;; *) want='pip==25.1' ;; esac
# shellcheck disable=SC2086
PYTHONPATH=$(ls "$wheels"/pip-*.whl) "$bin/python$V" -m pip install -q --no-cache-dir --root-user-action=ignore --disable-pip-version-check $want

find /usr/local -depth -type d -name __pycache__ -exec rm -rf {} +
cd /; rm -rf /var/lib/apt/lists/* /tmp/* /root/.cache /var/log/*.log /var/log/apt
python --version; pip --version
