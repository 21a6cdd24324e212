# The benchmarks and the flash sale run, produce every figure and leave sound books. What the figures are is judged nowhere here.
export PATH="$PWD/node_modules/.bin:$PATH"
failed=0
figures="$(node bench/run.ts --small)" || failed=1
printf '%s\n' "$figures"
for what in "call in one process" "call over gRPC" "GET /api/products?limit=24" "GET /api/products/{id}" "GET /product/{id}" \
  "call, traced (all traces)" "PlaceOrder, traced (all traces)" "POST /api/cart/me/items" "PlaceOrder, 16 buyers" "POST /api/orders, 16 buyers" "commits of an order" \
  "second start to /ready" "memory after"; do
  if ! grep -qF "$what" <<<"$figures"; then
    echo "The benchmarks gave no figure for: $what"
    failed=1
  fi
done
audit="$(node bench/audit.ts --small)" || failed=1
printf '%s\n' "$audit"
if ! grep -qF "everything once: memory" <<<"$audit"; then
  echo "The benchmark of the audit gave no figure."
  failed=1
fi
sale="$(node bench/flash-sale.ts --buyers 500 --units 20)" || failed=1
grep -v ' passed, ' <<<"$sale"
counted="$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$sale" || echo "0 passed, 1 failed")"
if [ "$failed" -eq 0 ]; then
  echo "$counted"
else
  echo "${counted%% *} passed, $((failed + $(sed -E 's/.*, ([0-9]+) failed/\1/' <<<"$counted"))) failed"
  exit 1
fi
