interface ErrorParts {
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
}

/** An error as Stripe answers it. */
export class StandInError extends Error {
  override readonly name = "StandInError";
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly more: object;

  constructor(status: number, type: string, { code, message, ...more }: ErrorParts) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.more = more;
  }

  get body(): object {
    const { type, code, message, more } = this;
    return { error: { type, message, ...(code === undefined ? {} : { code }), ...more } };
  }
}

export function unexpectedState({
  id,
  status,
}: {
  readonly id: string;
  readonly status: string;
}): StandInError {
  const message = `This PaymentIntent (${id}) could not be changed because it has a status of ${status}.`;
  return new StandInError(400, "invalid_request_error", { code: "payment_intent_unexpected_state", message });
}

export function missing(what: string): StandInError {
  return new StandInError(404, "invalid_request_error", {
    code: "resource_missing",
    message: `No such ${what}.`,
  });
}

export function wrongParameter(param: string, code = "parameter_invalid"): StandInError {
  const message = `Invalid or unknown parameter: ${param}.`;
  return new StandInError(400, "invalid_request_error", { code, message, param });
}
