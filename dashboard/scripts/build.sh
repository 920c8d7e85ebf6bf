#!/usr/bin/env bash
# Build the dashboard where that can be done; say what is missing where it cannot.
set -euo pipefail
cd "$(dirname "$0")/.."

without() {
  echo "The dashboard is not built: $1. The API and all else work without it; 'make setup' tries again." >&2
  exit 0
}

command -v node >/dev/null && command -v npm >/dev/null || without "it needs Node 20 or newer, and there is none here"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' ||
  without "it needs Node 20 or newer, and this is $(node --version)"
npm ci --no-audit --no-fund --ignore-scripts --loglevel=error ||
  without "npm could not fetch what it is built with"
npm run --silent build
touch ../api/dashboard/index.html
