// Fastify is CommonJS with a default export; this is the one place that knows.
export { fastify as Fastify } from "fastify";
export type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
