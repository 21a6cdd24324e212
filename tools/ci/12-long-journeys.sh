# Whole journeys once more: in euros, yen and dinars, in split mode in dinars and over TLS. npm test has them in dollars, and the split shop.
npm test -- test/journeys/*.long.ts
