#!/bin/sh
# Makes who signs (ca.pem) and Kafka's key with its certificate (kafka.pem), good for two years.
# usage: make-certificates.sh FOLDER NAME…      The names are those by which Kafka is reached.
set -eu
[ $# -gt 1 ] || { echo "usage: $0 FOLDER NAME..." >&2; exit 2; }
folder=$1; shift
umask 077
mkdir -p "$folder"
cd "$folder"
[ ! -e kafka.pem ] || { echo "$folder/kafka.pem is there; remove it first." >&2; exit 1; }

names=
for name in "$@"; do
    case $name in
        *[!0-9.]*) names="$names,DNS:$name" ;;
        *) names="$names,IP:$name" ;;
    esac
done
key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
[ -e ca.pem ] || openssl req -x509 $key -days 3650 -subj "/CN=Btracker's Kafka" \
    -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.pem 2>/dev/null
openssl req $key -subj "/CN=$1" -keyout kafka.key -out kafka.csr 2>/dev/null
cat > kafka.ext <<EXTENSIONS
subjectAltName=${names#,}
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
EXTENSIONS
openssl x509 -req -days 730 -in kafka.csr -extfile kafka.ext \
    -CA ca.pem -CAkey ca.key -CAcreateserial -out kafka.crt 2>/dev/null
cat kafka.key kafka.crt ca.pem > kafka.pem
rm kafka.key kafka.csr kafka.ext kafka.crt
# Everyone may see who signs. Kafka's container reads its key as user 1000, and nobody else should.
chmod 755 .
chmod 644 ca.pem
[ "$(id -u)" = 1000 ] || chown 1000 kafka.pem 2>/dev/null ||
    echo "Give it to Kafka's container: sudo chown 1000 $folder/kafka.pem"
echo "Made $folder/ca.pem and $folder/kafka.pem; keep $folder/ca.key away from everyone."
