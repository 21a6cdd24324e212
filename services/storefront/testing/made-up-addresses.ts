// Addresses as the load generators of the foreign contract make them up: no two parts of one belong together.

const countries = [
  "United States of America",
  "United States",
  "Korea",
  "Bouvet Island (Bouvetoya)",
  "Holy See (Vatican City State)",
  "Antarctica (the territory South of 60 deg S)",
  "Cote d'Ivoire",
  "Côte d’Ivoire",
  "Netherlands Antilles",
  "Libyan Arab Jamahiriya",
  "Palestinian Territory",
  "Slovakia (Slovak Republic)",
  "Saint Martin",
  "Germany",
  "Deutschland",
  "Japan",
  "Canada",
  "Brazil",
  "Ireland",
  "Hong Kong",
  "Micronesia",
  "Atlantis",
  "C".repeat(128),
];
const states = ["AK", "PW", "MP", "CA", "", "Bayern", "s".repeat(128)];
const zips = [
  "00501",
  "99950",
  "4043",
  "94043-1351",
  "",
  "00000",
  "-1",
  "K1A 0B1",
  "no such code",
  "9".repeat(20),
];
const streets = ["1600 Amphitheatre Parkway", "4572 Long Throughway Apt. 001", "x", "x".repeat(512)];
const cities = ["East Lisamouth", "Nürnberg", "c".repeat(128)];

/** `count` of them, always the same ones. */
export function madeUpAddresses(count: number) {
  const oneOf = (from: readonly string[], index: number) => from[index % from.length] ?? "";
  return Array.from({ length: count }, (_, index) => ({
    country: oneOf(countries, index),
    state: oneOf(states, index),
    zip_code: oneOf(zips, Math.floor(index / 3)),
    street_address: oneOf(streets, Math.floor(index / 5)),
    city: oneOf(cities, Math.floor(index / 7)),
  }));
}
