#!/bin/sh
# Installs Khidi from this folder without any network: sh install.sh PUBLIC_KEY.pem TARGET
# The public key must come to you by another way than this folder.
set -eu
[ $# -eq 2 ] || { echo "usage: sh install.sh PUBLIC_KEY.pem TARGET" >&2; exit 2; }
key=$1 target=$2
here=$(cd "$(dirname "$0")" && pwd)

openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$here/SHA256SUMS" -sigfile "$here/SHA256SUMS.sig" >/dev/null ||
  { echo "The signature does not hold: nothing was installed." >&2; exit 1; }
(cd "$here" && sha256sum --quiet --strict -c SHA256SUMS) ||
  { echo "A file is not as it was signed: nothing was installed." >&2; exit 1; }
# A file that is not in the list was added by somebody else.
listed=$(wc -l < "$here/SHA256SUMS")
found=$(find "$here" -type f ! -name SHA256SUMS ! -name SHA256SUMS.sig | wc -l)
[ "$listed" -eq "$found" ] || { echo "There are files that nobody signed: nothing was installed." >&2; exit 1; }

mkdir "$target"
tar -xzf "$here/source.tar.gz" -C "$target"
mkdir -p "$target/.khidi/kafka"
cp -R "$here/kafka-libs" "$target/.khidi/kafka/libs"
tar -xzf "$here/node_modules.tar.gz" -C "$target"
cd "$target"
npm run --silent build
echo "Installed to $target. Next: npm run up, or docs/runbooks/upgrade.md."
