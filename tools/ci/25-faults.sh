# Every cell of services/resilience.ts in one process, then parts of a shop of real processes stopped, killed and without their databases.
set -e
PATH="$PWD/node_modules/.bin:$PATH"
npm test -- test/faults/in-one-process.long.ts test/faults/payment-provider.long.ts
node test/faults/matrix.ts --only "catalog,order,cart database,storefront" --states slow,gone
