# Seeded fault simulation: 300 seeds in two halves side by side. A failure names its seed.
export PATH="$PWD/node_modules/.bin:$PATH" SIMULATION_SEEDS=150
folder="$(mktemp -d)"
for from in 1 151; do
  SIMULATION_FROM=$from node tools/run-tests.ts test/simulation >"$folder/$from.log" 2>&1 &
done
wait
grep -hvE '^ *✔|^ℹ|^[0-9]+ passed' "$folder"/*.log
grep -hoE '^[0-9]+ passed, [0-9]+ failed' "$folder"/*.log |
  awk '{ passed += $1; failed += $3 } END { print passed " passed, " failed " failed"; exit failed > 0 || NR < 2 }'
