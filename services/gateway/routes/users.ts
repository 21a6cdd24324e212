import type { Static } from "@fastify/type-provider-typebox";
import { guestIdOfSession } from "#platform/auth/guest.ts";
import { guestKeyOf } from "#platform/auth/guest-key.ts";
import { appError, isReason } from "#platform/kit/errors.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import { refusal } from "../errors.ts";
import { limitKey } from "#platform/kit/rate-limit.ts";
import type { GatewayContext } from "../context.ts";
import { endpoint, type ApiRequest } from "../endpoint.ts";
import { leftItemJson, sessionFields, sessionJson, userJson } from "../present.ts";
import {
  ChangedUser,
  Credentials,
  Guest,
  PasswordReset,
  PasswordResetAsk,
  ProfileChange,
  RefreshRequest,
  Registration,
  Session,
  StorefrontGuest,
  User,
} from "../schemas/user.ts";
import { Accepted } from "../schemas/answer.ts";
import { ref } from "../schemas/shapes.ts";

const register = endpoint({
  id: "registerUser",
  method: "POST",
  path: "/api/users/register",
  journey: "account",
  tag: "Users",
  summary: "Open an account",
  description:
    "A guest's token, sent along, brings the guest's cart into the account, as far as it fits, and the guest's orders.",
  access: "anyone",
  body: ref(Registration),
  status: 201,
  answer: Session,
  refusals: { 409: ["EMAIL_TAKEN"], 429: ["RATE_LIMITED", "SIGN_IN_BUSY"] },
  run: async (ctx, request) => {
    await ctx.limits?.signUps.take(limitKey(request.clientAddress));
    const { answer, guestId } = await asGuest(request, (call) =>
      ctx.clients.user.register(request.body, call),
    );
    return { ...sessionJson(answer), ...(await bringAlong(ctx, request, guestId, answer.user?.id)) };
  },
});

const login = endpoint({
  id: "loginUser",
  method: "POST",
  path: "/api/users/login",
  journey: "account",
  tag: "Users",
  summary: "Sign in",
  description:
    "A guest's token, sent along, brings the guest's cart into the account, as far as it fits, and the guest's orders.",
  access: "anyone",
  body: ref(Credentials),
  status: 200,
  answer: Session,
  refusals: { 401: ["CREDENTIALS_INVALID"], 429: ["RATE_LIMITED", "SIGN_IN_BUSY"] },
  isAlwaysUp: true,
  run: async (ctx, request) => {
    const { body, clientAddress, headers } = request;
    const { answer, guestId } = await asGuest(request, (call) =>
      ctx.clients.user.login(body, { ...call, clientAddress, userAgent: headers["user-agent"] }),
    );
    return { ...sessionJson(answer), ...(await bringAlong(ctx, request, guestId, answer.user?.id)) };
  },
});

/**
 * Asks with a guest's token, and nobody else's: it says what the account may claim. One that has ended meanwhile, which the user
 * service knows before others do, claims nothing and is no reason to refuse.
 */
async function asGuest<T>(
  { actor, call, serviceCall }: Pick<ApiRequest<unknown, unknown>, "actor" | "call" | "serviceCall">,
  ask: (call: CallOptions) => Promise<T>,
): Promise<{ readonly answer: T; readonly guestId: string | undefined }> {
  if (actor.kind !== "user" || actor.role !== "guest")
    return { answer: await ask(serviceCall), guestId: undefined };
  try {
    return { answer: await ask(call), guestId: actor.userId };
  } catch (error) {
    if (!isReason(error, "TOKEN_INVALID", "TOKEN_EXPIRED")) throw error;
    return { answer: await ask(serviceCall), guestId: undefined };
  }
}

/**
 * What a guest has put into the cart goes into the account, as far as it fits, and so do the guest's orders. A sign-in is never
 * refused because of it; orders that cannot come along now come later, by themselves.
 */
async function bringAlong(
  ctx: GatewayContext,
  { serviceCall }: Pick<ApiRequest<unknown, unknown>, "serviceCall">,
  guestId: string | undefined,
  toUserId: string | undefined,
): Promise<Pick<Static<typeof Session>, "cartLeftWithGuest">> {
  if (guestId === undefined || toUserId === undefined) return {};
  const soon = { ...serviceCall, timeoutMs: 3_000 };
  const facts = { requestId: serviceCall.requestId };
  const claimed = ctx.clients.order
    .claimOrders({ guestId, userId: toUserId }, soon)
    .catch((error: unknown) =>
      ctx.log.warn({ ...facts, err: error }, "A guest's orders could not be brought into the account yet."),
    );
  try {
    const { left } = await ctx.clients.cart.mergeCarts({ fromUserId: guestId, toUserId }, soon);
    await claimed;
    return left.length === 0 ? {} : { cartLeftWithGuest: left.map(leftItemJson) };
  } catch (error) {
    await claimed;
    ctx.log.warn(
      { ...facts, err: error },
      "A guest's cart could not be brought into the account; it stays with the guest.",
    );
    return {};
  }
}

const createGuest = endpoint({
  id: "createGuest",
  method: "POST",
  path: "/api/users/guest",
  journey: "cart",
  tag: "Users",
  summary: "Get a token without an account, or a new one for the same guest",
  description:
    "The token lives seven days, as a cart does. A guest's own token, sent along before it ends, is renewed: the same guest, cart and orders for another seven days.",
  access: "anyone",
  body: ref(StorefrontGuest),
  isBodyOptional: true,
  status: 201,
  answer: Guest,
  refusals: { 403: ["SERVICE_REQUIRED"] },
  run: async (ctx, { body, service, ...request }) => {
    const sessionKey = body?.sessionKey ?? "";
    if (sessionKey !== "" && service !== "storefront") {
      throw appError("forbidden", "SERVICE_REQUIRED", {
        publicMessage: "Only the storefront of this shop may name a session.",
      });
    }
    if (!ctx.verifier.isGuestKeyPublished) return await askForGuest(ctx, request, sessionKey);
    const { actor } = request;
    const known = actor.kind === "user" && actor.role === "guest" ? actor.userId : newRandomId();
    const userId = sessionKey === "" ? known : guestIdOfSession(sessionKey);
    const { token, expiresAt } = guestKeyOf(ctx.shop.serviceKey).sign(userId, ctx.clock.now());
    return { userId, token, expiresAt: expiresAt.toISOString() };
  },
});

/** From a user service of the release before, during a rollout: others of that release would not believe a guest signed here. */
async function askForGuest(
  ctx: GatewayContext,
  request: Pick<ApiRequest<unknown, unknown>, "actor" | "call" | "serviceCall">,
  sessionKey: string,
) {
  const { answer } = await asGuest(request, (call) => ctx.clients.user.createGuest({ sessionKey }, call));
  const { token, expiresAt } = sessionFields(answer.session);
  return { userId: answer.userId, token, expiresAt };
}

const refresh = endpoint({
  id: "refreshSession",
  method: "POST",
  path: "/api/users/refresh",
  journey: "account",
  tag: "Users",
  summary: "Exchange a refresh token for a new pair",
  access: "anyone",
  body: ref(RefreshRequest),
  status: 200,
  answer: Session,
  refusals: { 401: ["REFRESH_TOKEN_INVALID"] },
  isAlwaysUp: true,
  run: async (ctx, { body: { refreshToken }, service, serviceCall }) => {
    const forPages = service === "storefront" || service === "admin";
    return sessionJson(await ctx.clients.user.refresh({ refreshToken, forPages }, serviceCall));
  },
});

const logout = endpoint({
  id: "logoutUser",
  method: "POST",
  path: "/api/users/logout",
  journey: "account",
  tag: "Users",
  summary: "Sign out",
  description: "The token is refused everywhere within five seconds.",
  access: "token",
  status: 204,
  isAlwaysUp: true,
  run: async (ctx, { call }) => {
    await ctx.clients.user.logout({}, call);
  },
});

const getProfile = endpoint({
  id: "getProfile",
  method: "GET",
  path: "/api/users/profile",
  journey: "account",
  tag: "Users",
  summary: "Show the caller's account",
  access: "token",
  status: 200,
  answer: User,
  run: async (ctx, { call }) => userJson((await ctx.clients.user.getProfile({}, call)).user),
});

const changeProfile = endpoint({
  id: "changeProfile",
  method: "PUT",
  path: "/api/users/profile",
  journey: "account",
  tag: "Users",
  summary: "Change the caller's account",
  access: "token",
  body: ref(ProfileChange),
  status: 200,
  answer: ChangedUser,
  refusals: {
    403: ["ACCOUNT_REQUIRED", "CURRENT_PASSWORD_WRONG"],
    409: ["EMAIL_TAKEN"],
    429: ["RATE_LIMITED", "SIGN_IN_BUSY"],
  },
  permit: async (_ctx, { actor }) => {
    if (actor.kind === "user" && actor.role !== "guest") return;
    await Promise.reject(refusal("ACCOUNT_REQUIRED"));
  },
  run: async (ctx, { body, call, clientAddress, headers }) => {
    const from = { clientAddress, userAgent: headers["user-agent"] };
    const { user, session } = await ctx.clients.user.updateProfile(body, { ...call, ...from });
    return session ? { ...userJson(user), ...sessionFields(session) } : userJson(user);
  },
});

const askPasswordReset = endpoint({
  id: "askPasswordReset",
  method: "POST",
  path: "/api/users/password-reset",
  journey: "account",
  tag: "Users",
  summary: "Have a mail sent with which a new password can be chosen",
  description:
    "The same answer for every address, known or not. The mail's link opens /account/reset; it works once and for a short time.",
  access: "anyone",
  body: ref(PasswordResetAsk),
  status: 202,
  answer: Accepted,
  refusals: { 429: ["RATE_LIMITED"] },
  isAlwaysUp: true,
  run: async (ctx, { body, serviceCall }) => {
    await ctx.clients.user.askPasswordReset({ email: body.email }, serviceCall);
    return {};
  },
});

const confirmPasswordReset = endpoint({
  id: "confirmPasswordReset",
  method: "POST",
  path: "/api/users/password-reset/confirm",
  journey: "account",
  tag: "Users",
  summary: "Choose a new password with what the mail said",
  description: "Works once, and ends every session of the account.",
  access: "anyone",
  body: ref(PasswordReset),
  status: 204,
  refusals: { 400: ["RESET_TOKEN_INVALID"], 429: ["SIGN_IN_BUSY"] },
  isAlwaysUp: true,
  run: async (ctx, { body, serviceCall, clientAddress, headers }) => {
    const from = { clientAddress, userAgent: headers["user-agent"] };
    await ctx.clients.user.confirmPasswordReset(body, { ...serviceCall, ...from });
  },
});

export const userEndpoints = [
  register,
  login,
  createGuest,
  refresh,
  logout,
  getProfile,
  changeProfile,
  askPasswordReset,
  confirmPasswordReset,
];
