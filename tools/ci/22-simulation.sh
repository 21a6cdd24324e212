# Seeded fault simulation; a failure names its seed.
export SIMULATION_SEEDS=300
PATH="$PWD/node_modules/.bin:$PATH" node tools/run-tests.ts test/simulation
