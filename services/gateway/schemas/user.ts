import { Type } from "@fastify/type-provider-typebox";
import { Id, Instant, choice, ref, strict, text } from "./shapes.ts";

/** The user service decides what an address is; here it only has to look like one. */
export const Email = Type.String({
  pattern: "^[^@\\s]+@[^@\\s]+$",
  minLength: 3,
  maxLength: 254,
  examples: ["ada@example.com"],
});
const Password = Type.String({ minLength: 1, maxLength: 1024, format: "password" });
const Name = text(100);

export const User = strict(
  {
    id: Id,
    email: Type.String(),
    firstName: Type.String(),
    lastName: Type.String(),
    role: choice(["customer", "admin", "guest"]),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { $id: "User" },
);

const sessionFields = {
  token: Type.String({ description: "Send it as `Authorization: Bearer …`." }),
  expiresAt: Instant,
  refreshToken: Type.String({ description: "Good for one new pair; keep it secret." }),
};

export const LeftItem = strict(
  {
    productId: Id,
    variantId: Id,
    name: Type.String(),
    quantity: Type.Integer(),
    limit: choice(["lines", "quantity"], {
      description: "`lines`: the account's cart is full; `quantity`: it holds 99 of this already.",
    }),
  },
  { $id: "LeftItem" },
);

export const Session = strict(
  {
    user: ref(User),
    ...sessionFields,
    cartLeftWithGuest: Type.Optional(
      Type.Array(ref(LeftItem), {
        description:
          "After a sign-in with a guest's token: what did not fit into the account's cart. It stays in the guest's; another sign-in with that token tries again.",
      }),
    ),
  },
  { $id: "Session" },
);

export const ChangedUser = strict(
  {
    ...User.properties,
    token: Type.Optional(sessionFields.token),
    expiresAt: Type.Optional(sessionFields.expiresAt),
    refreshToken: Type.Optional(sessionFields.refreshToken),
  },
  {
    $id: "ChangedUser",
    description:
      "The account; after a change of password also the session that goes on, as all others ended.",
  },
);

export const Guest = strict(
  { userId: Id, token: sessionFields.token, expiresAt: Instant },
  { $id: "Guest", description: "An actor without an account; it lives as long as a cart." },
);

export const Registration = strict(
  { email: Email, password: Password, firstName: Name, lastName: Name },
  {
    $id: "Registration",
    examples: [
      { email: "ada@example.com", password: "an engine of brass", firstName: "Ada", lastName: "Lovelace" },
    ],
  },
);

export const Credentials = strict(
  { email: Type.String({ minLength: 1, maxLength: 254 }), password: Password },
  { $id: "Credentials", examples: [{ email: "ada@example.com", password: "an engine of brass" }] },
);

export const RefreshRequest = strict({ refreshToken: text(4096) }, { $id: "RefreshRequest" });

export const ProfileChange = strict(
  {
    firstName: Type.Optional(Name),
    lastName: Type.Optional(Name),
    email: Type.Optional(Email),
    password: Type.Optional(Password),
    currentPassword: Type.Optional(Password),
  },
  {
    $id: "ProfileChange",
    description: "Only what is named changes. A new email or password wants the current password.",
    examples: [{ firstName: "Augusta" }],
  },
);

/** Only the shop's own storefront may name the session; others send nothing. */
export const StorefrontGuest = strict({ sessionKey: Type.Optional(text(128)) }, { $id: "StorefrontGuest" });

export const PasswordResetAsk = strict(
  { email: Email },
  { $id: "PasswordResetAsk", examples: [{ email: "ada@example.com" }] },
);

export const PasswordReset = strict(
  { token: text(128), password: Password },
  {
    $id: "PasswordReset",
    examples: [{ token: "what-the-link-of-the-mail-says", password: "an engine of brass" }],
  },
);
