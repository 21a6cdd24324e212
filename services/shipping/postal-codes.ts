// Which countries have postal codes, and what they look like: facts of the Universal Postal Union and of CLDR, one line a country.

/** `required` where nothing arrives without a code, `optional` where people do without, `none` where there are none. */
export type PostalCodeNeed = "required" | "optional" | "none";

export interface PostalCodeRule {
  readonly need: PostalCodeNeed;
  /**
   * The forms a code may have, the usual one first: # is a digit, @ a letter, * either; other letters and digits stand for
   * themselves, and spaces and hyphens are where they belong. Empty means that any short text may be one.
   */
  readonly forms: readonly string[];
  /** A code that exists; empty where there are none. */
  readonly example: string;
}

/** Country, ! for required, forms with | between them, = and an example. Countries that are not named have no codes that anybody asks for. */
const table = `
AD AD###=AD500
AF ####=1001
AI AI-####=AI-2640
AL ####=1001
AM ####=0010
AR ####|@####@@@=1425
AS! #####|#####-####=96799
AT! ####=1010
AU! ####=2060
AX! #####=22150
AZ AZ ####=AZ 1000
BA #####=71000
BB BB#####=BB15156
BD ####=1340
BE! ####=1000
BG! ####=1000
BH ###|####=317
BL! #####=97133
BM @@ ##|@@ @@=HM 12
BN @@####=BT2328
BR! #####-###=01310-100
BT #####=11001
BY ######=220030
CA! @#@ #@#=K1A 0B1
CC ####=6799
CH! ####=8001
CL #######=8320000
CN! ######=100000
CO ######=111121
CR #####=10101
CU #####=10400
CV ####=7600
CX ####=6798
CY! ####=1010
CZ! ### ##=110 00
DE! #####=10115
DK! ####=1050
DO #####=10101
DZ #####=16000
EC ######=170515
EE! #####=10111
EG #####|#######=11511
EH #####=70000
ES! #####=28001
ET ####=1000
FI! #####=00100
FK! FIQQ 1ZZ=FIQQ 1ZZ
FM! #####|#####-####=96941
FO! ###=100
FR! #####=75001
GB! BRITISH=SW1A 1AA
GE ####=0105
GF! #####=97300
GG! BRITISH=GY1 1AA
GI GX11 1AA=GX11 1AA
GL! ####=3900
GN ###=001
GP! #####=97100
GR! ### ##=104 31
GS! SIQQ 1ZZ=SIQQ 1ZZ
GT #####=01001
GU! #####|#####-####=96910
GW ####=1000
HM ####=7050
HN #####=11101
HR! #####=10000
HT HT####=HT6110
HU! ####=1051
ID #####=10110
IE @#* ****=D02 X285
IL #######|#####=9614303
IM! BRITISH=IM1 1AA
IN! ######=110001
IO! BBND 1ZZ=BBND 1ZZ
IQ #####=10001
IR #####-#####|#####=11936-12345
IS ###=101
IT! #####=00118
JE! BRITISH=JE2 3RA
JM @@@@@##|@@@@@@@|##=JMAAW14
JO #####=11937
JP! ###-####=100-0001
KE #####=00100
KG ######=720001
KH ######|#####=120101
KR! #####|###-###=03051
KW #####=13001
KY KY#-####=KY1-1100
KZ ######|@##@#@#=010000
LA #####=01000
LB #### ####|####=2038 3054
LC LC## ###=LC04 101
LI! ####=9490
LK #####=00100
LR ####=1000
LS ###=100
LT! LT-#####=LT-01100
LU! ####=1009
LV! LV-####=LV-1010
MA #####=10000
MC! #####=98000
MD MD-####=MD-2001
ME #####=81000
MF! #####=97150
MG ###=101
MH! #####|#####-####=96960
MK ####=1000
MM #####=11181
MN #####|######=16080
MP! #####|#####-####=96950
MQ! #####=97200
MS MSR ####=MSR 1110
MT @@@ ####|@@@ ##=VLT 1117
MU #####|@####=42602
MV #####=20026
MX! #####=06000
MY #####=50050
MZ ####|#####=1100
NA #####=10001
NC! #####=98800
NE ####=8001
NF ####=2899
NG ######=100001
NI #####=11001
NL! #### @@=1012 AB
NO! ####=0025
NP #####=44600
NZ! ####=6011
OM ###=112
PA ####=0801
PE #####=15001
PF! #####=98709
PG ###=111
PH ####=1000
PK #####=44000
PL! ##-###=00-950
PM! #####=97500
PN! PCRN 1ZZ=PCRN 1ZZ
PR! #####|#####-####=00930
PS P#######|###=P1234567
PT! ####-###=1000-205
PW! #####|#####-####=96940
PY ####|######=1536
RE! #####=97400
RO! ######=010011
RS #####|######=11000
RU! ######=101000
SA #####|#####-####=11564
SD #####=11111
SE! ### ##=111 22
SG! ######=018956
SH STHL 1ZZ|ASCN 1ZZ|TDCU 1ZZ=STHL 1ZZ
SI! ####=1000
SJ! ####=9170
SK! ### ##=811 01
SM #####=47890
SN #####=12500
SO @@ #####=JH 09010
SV ####=1101
SZ @###=H100
TC! TKCA 1ZZ=TKCA 1ZZ
TH #####=10110
TJ ######=735450
TM ######=744000
TN ####=1002
TR #####=06010
TT ######=150123
TW #####|######|###=10048
TZ #####=11101
UA! #####=01001
UM! #####|#####-####=96898
US! #####|#####-####=94043
UY #####=11000
UZ ######=100000
VA #####=00120
VC VC####=VC0100
VE ####|####-@=1010
VG VG####=VG1110
VI! #####|#####-####=00802
VN ######|#####=100000
WF! #####=98600
WS WS####=WS1382
YT! #####=97600
ZA ####=0001
ZM #####=10101
`;

const noCodes: PostalCodeRule = { need: "none", forms: [], example: "" };

const rules: ReadonlyMap<string, PostalCodeRule> = new Map(
  table
    .trim()
    .split("\n")
    .map((line) => {
      const [, country = "", bang, forms = "", example = ""] = /^(..)(!?) (.+)=(.+)$/.exec(line) ?? [];
      return [country, { need: bang ? "required" : "optional", forms: forms.split("|"), example }];
    }),
);

/** What is known of the postal codes of a country, by its ISO 3166-1 code. */
export function postalCodeRule(country: string): PostalCodeRule {
  return rules.get(country) ?? noCodes;
}

/** What people write before a code to say of which country it is: signs of cars and mail, beside the ISO code itself. */
const signs: { readonly [country: string]: readonly string[] } = {
  AD: ["AND"],
  AT: ["A"],
  BA: ["BIH"],
  BE: ["B"],
  BR: ["BRA"],
  DE: ["D"],
  EE: ["EST"],
  ES: ["E"],
  FI: ["FIN"],
  FR: ["F"],
  GB: ["UK"],
  GF: ["F"],
  GP: ["F"],
  GR: ["EL"],
  HU: ["H"],
  IE: ["IRL"],
  IT: ["I"],
  JP: ["J"],
  KR: ["ROK"],
  LI: ["FL"],
  LU: ["L"],
  MC: ["F"],
  ME: ["MNE"],
  MQ: ["F"],
  MT: ["M"],
  NO: ["N"],
  PM: ["F"],
  PT: ["P"],
  RE: ["F"],
  RS: ["SRB"],
  RU: ["RUS"],
  SE: ["S"],
  SG: ["SGP"],
  SI: ["SLO"],
  SM: ["RSM"],
  US: ["USA"],
  VA: ["V", "SCV"],
  YT: ["F"],
};

/** Every sign of a country that may stand before its codes. */
export function countrySigns(country: string): readonly string[] {
  return [country, ...(signs[country] ?? [])];
}
