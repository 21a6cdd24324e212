# Whole journeys once more: in euros and in yen, in split mode in dinars and over TLS. npm test has them in dollars, in dinars, and the split shop.
npm test -- test/journeys/*.long.ts
