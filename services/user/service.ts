import {
  GuestJoinedSchema,
  PasswordChangedSchema,
  PasswordForgottenSchema,
  UserErasedSchema,
  UserService,
} from "#gen/stoa/user/v1/user_pb.js";
import { FlagsService } from "#gen/stoa/platform/v1/flags_pb.js";
import { TrustService } from "#gen/stoa/platform/v1/trust_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { UserConfig } from "./config.ts";
import { openUserContext } from "./context.ts";
import { checkFirstAdmin, seedFirstAdmin } from "./first-admin.ts";
import { deleteExpiredJob } from "./jobs/delete-expired.ts";
import { eraseAgainJob } from "./jobs/erase-again.ts";
import { rotateKeysJob } from "./jobs/rotate-keys.ts";
import { askPasswordReset } from "./rpc/ask-password-reset.ts";
import { confirmPasswordReset } from "./rpc/confirm-password-reset.ts";
import { createGuest } from "./rpc/create-guest.ts";
import { eraseUser } from "./rpc/erase-user.ts";
import { getProfile } from "./rpc/get-profile.ts";
import { getTrust } from "./rpc/get-trust.ts";
import { getUser } from "./rpc/get-user.ts";
import { listSwitches } from "./rpc/list-switches.ts";
import { login } from "./rpc/login.ts";
import { logout } from "./rpc/logout.ts";
import { makePasswordReset } from "./rpc/make-password-reset.ts";
import { recordDenial } from "./rpc/record-denial.ts";
import { refresh } from "./rpc/refresh.ts";
import { register } from "./rpc/register.ts";
import { switchFlag } from "./rpc/switch-flag.ts";
import { takeBackSwitch } from "./rpc/take-back-switch.ts";
import { updateProfile } from "./rpc/update-profile.ts";
import { tellForgottenTask } from "./tasks/tell-forgotten.ts";

export const user = defineService({
  name: "user",
  config: UserConfig,
  database: "users_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 3002,
  contracts: [UserService],
  needs: {},
  emits: [UserErasedSchema, GuestJoinedSchema, PasswordForgottenSchema, PasswordChangedSchema],
  requireUsable: (config, { isEmbedded }) => checkFirstAdmin(config, isEmbedded),
  create: async (kit) => {
    const { isEmbedded } = kit.shop;
    const ctx = await openUserContext(kit);
    return {
      rpc: [
        bindRpcs(UserService, ctx, {
          register,
          login,
          createGuest,
          refresh,
          logout,
          getProfile,
          updateProfile,
          getUser,
          eraseUser,
          askPasswordReset,
          makePasswordReset,
          confirmPasswordReset,
          recordDenial,
        }),
      ],
      internalRpc: [
        bindRpcs(TrustService, ctx, { getTrust }),
        bindRpcs(FlagsService, ctx, { listSwitches, switchFlag, takeBackSwitch }),
      ],
      jobs: [rotateKeysJob(ctx), deleteExpiredJob(ctx), eraseAgainJob(ctx)],
      tasks: [tellForgottenTask(ctx)],
      seed: async () => await seedFirstAdmin(ctx, isEmbedded),
    };
  },
});
