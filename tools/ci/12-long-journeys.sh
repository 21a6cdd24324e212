# Journeys that take long, and all of them once more: in euros, yen and dinars, in split mode, over TLS; one trace from the client to the mail; every
# operation with every odd value; replicas that are killed and hung in the ops room's eyes. npm test has the others, in dollars.
npm test -- test/journeys/*.long.ts test/api/*.long.ts services/admin/ops/*.long.ts
