// What the package shows. Everything in it is written from the OpenAPI document of the gateway.
export { StoaClient } from "../gen/rest/client.ts";
export { ApiProblem } from "../gen/rest/rest-client.ts";
export type {
  Answer,
  AnswerOf,
  ClientOptions,
  CodeOf,
  FieldProblem,
  OperationId,
  ProblemBody,
  RequestOf,
  SendOptions,
  Transport,
  WireAnswer,
  WireRequest,
} from "../gen/rest/rest-client.ts";
export type * as Stoa from "../gen/rest/types.ts";
