import { loadWords, type MailShop } from "../mail-shop.ts";

/** A shop that writes the house's mails in English. */
export const englishShop: MailShop = {
  name: "Stoa",
  url: "https://shop.example",
  supportEmail: "",
  words: await loadWords("en-US", []),
};
