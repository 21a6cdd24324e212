// The whole way of a shopper: from a mistyped word to an order that is cancelled.
import { check } from "./tally.ts";
import type { Visitor } from "./visitor.ts";

export const delivery = {
  Email: "ada@example.com",
  "Street and number": "1600 Amphitheatre Parkway",
  "Postal code": "94043",
  City: "Mountain View",
  State: "CA",
  Country: "United States",
  "Card number": "4242 4242 4242 4242",
  Month: "01",
  CVC: "672",
};

/** Finds a watch by a word with a typo, chooses the dearer strap and has two in the cart. */
export async function fillCart(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  await visitor.open("/");
  await visitor.look("Home");
  await page.getByLabel("Search products").fill("meridain watch");
  await page.getByLabel("Search products").press("Enter");
  await visitor.sees("Meridian Watch");
  await visitor.look("Search");
  await page.getByRole("main").getByRole("link", { name: "Meridian Watch" }).first().click();
  await page.getByRole("radio", { name: /steel mesh/ }).check();
  if (visitor.screen.hasScripts) {
    const price = (await page.locator("#price").innerText()).trim();
    check(`The price follows the choice, ${visitor.words}`, price === "$124.99" ? [] : [price]);
  }
  await visitor.look("Product");
  await page.getByLabel("Quantity").selectOption("2");
  await visitor.press("Add to cart");
  await visitor.sees("steel mesh");
  await visitor.sees("$249.98");
  await visitor.look("Cart");
}

/** One more of the first line: a button with scripts, a field and a button without. */
export async function changeQuantity(visitor: Visitor): Promise<void> {
  if (visitor.screen.hasScripts) await visitor.press("One more");
  else {
    await visitor.page
      .getByLabel(/^Quantity of/)
      .first()
      .fill("3");
    await visitor.press("Update");
  }
  await visitor.sees("$374.97");
}

export async function checkOut(visitor: Visitor): Promise<void> {
  await visitor.fill(delivery);
  await visitor.press(/^Place order/);
  await visitor.sees("Thank you, your order is placed");
  await visitor.look("Order placed");
  await stayOrdered(visitor);
}

/** The order's page can be loaded again, and going back to the cart orders nothing. */
async function stayOrdered(visitor: Visitor): Promise<void> {
  const { page, words } = visitor;
  const address = page.url();
  check(
    `Paying leads to the order's page, ${words}`,
    /\/orders\/[0-9a-f-]{36}$/.test(address) ? [] : [address],
  );
  await page.reload();
  await visitor.sees("Being packed");
  check(`Loaded again it is the same page, ${words}`, page.url() === address);
  await page.goBack();
  await visitor.sees("Your cart is empty");
  await page.goForward();
  await visitor.sees("Being packed");
  await visitor.look("Order");
}

/** What lies in a guest's cart is still there after registering, and after signing in. */
export async function keepCartThroughAccount(visitor: Visitor, email: string): Promise<void> {
  const password = "a sentence about amphorae";
  await addMug(visitor);
  await visitor.open("/account/register");
  await visitor.look("Register");
  await visitor.fill({ "First name": "Ada", "Last name": "Lovelace", Email: email, Password: password });
  await visitor.press("Make my account");
  await visitor.sees("Hello, Ada");
  await visitor.look("Account");
  await visitor.open("/cart");
  await visitor.sees("Tideline Mug");
  await signOut(visitor);
  await addMug(visitor);
  await visitor.open("/account/login");
  await visitor.look("Sign in");
  await visitor.fill({ Email: email, Password: password });
  await visitor.press("Sign in");
  await visitor.sees("Hello, Ada");
  await visitor.open("/cart");
  const count = await visitor.page.getByLabel("Quantity of Tideline Mug").inputValue();
  check(`The guest's cart joins the account's, ${visitor.words}`, count === "2" ? [] : [`${count} mugs`]);
}

/** The order stands in the history, is cancelled there, and stays so. */
export async function cancelFromHistory(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  await visitor.open("/account/orders");
  await visitor.look("Order history");
  await page.getByRole("main").locator('a[href^="/orders/"]').first().click();
  const cancel = page.getByRole("main").getByRole("link", { name: "Cancel this order" });
  await cancel.click();
  await visitor.sees(/\$[\d.]+ goes back to your card, Visa ending in 4242/);
  await visitor.look("Cancel?");
  await visitor.press("Yes, cancel it");
  await page.getByText("Cancelled", { exact: true }).waitFor();
  const again = await cancel.count();
  check(`A cancelled order is not cancelled again, ${visitor.words}`, again === 0);
  await visitor.look("Cancelled order");
}

/** Choosing is enough with scripts; without, a button sends the choice. */
export async function switchCurrency(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  await visitor.open("/product/tideline-mug");
  await page.getByLabel("Currency").selectOption("EUR");
  if (!visitor.screen.hasScripts) await page.getByRole("button", { name: "Change" }).click();
  await visitor.sees(/^€\d+\.\d\d$/);
  await visitor.look("Product in euros");
  await visitor.open("/category/kitchen");
  await visitor.sees(/€\d+\.\d\d/);
  await visitor.look("Category");
}

async function addMug(visitor: Visitor): Promise<void> {
  await visitor.open("/product/tideline-mug");
  await visitor.press("Add to cart");
  await visitor.sees("Your cart");
}

async function signOut(visitor: Visitor): Promise<void> {
  await visitor.page.getByRole("link", { name: "Sign out" }).first().click();
  await visitor.page.getByRole("link", { name: "Sign in" }).first().waitFor();
}
