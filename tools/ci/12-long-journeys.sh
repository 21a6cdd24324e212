# Journeys that take long, and all of them once more: in euros, yen and dinars, in split mode, over TLS. npm test has the others, in dollars.
npm test -- test/journeys/*.long.ts
