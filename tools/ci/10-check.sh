# Types, format, lint, boundaries and whatever else `npm run check` holds.
if npm run --silent check; then
  echo "1 passed, 0 failed"
else
  echo "0 passed, 1 failed"
  exit 1
fi
