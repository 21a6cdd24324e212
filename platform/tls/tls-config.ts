// What listeners show and whom they believe: the settings of TLS, for gRPC and for HTTP.
import { defineConfig, setting } from "#platform/kit/config.ts";

export const TlsConfig = defineConfig({
  GRPC_TLS: setting.optionalChoice(["off", "on", "mutual"], {
    doc: "Encryption of gRPC, the same for every service: on is TLS 1.3, mutual also demands a certificate of whoever calls. Off when it is not set.",
  }),
  GRPC_TLS_CERT: setting.optionalText({
    doc: "File with the certificate (PEM, with its chain) that this process shows on its gRPC port, and to those it calls. Read again when it changes.",
  }),
  GRPC_TLS_KEY: setting.optionalText({
    doc: "File with the private key of GRPC_TLS_CERT (PEM, without a passphrase).",
  }),
  GRPC_TLS_CA: setting.optionalText({
    doc: "File with the authorities (PEM) that the other side's certificate is verified against; mutual needs it. Without it, servers are verified against the public ones.",
  }),
  HTTP_TLS: setting.optionalChoice(["off", "on", "self-made"], {
    doc: "Encryption of HTTP on PORT: on is TLS 1.3 with HTTP_TLS_CERT, self-made is the same with a certificate made here and kept in STOA_DATA. Off when it is not set. The operations port stays plain.",
  }),
  HTTP_TLS_CERT: setting.optionalText({
    doc: "File with the certificate (PEM, with its chain) that the HTTP port shows. Read again when it changes.",
  }),
  HTTP_TLS_KEY: setting.optionalText({
    doc: "File with the private key of HTTP_TLS_CERT (PEM, without a passphrase).",
  }),
  HTTP_TLS_CA: setting.optionalText({
    doc: "File with the authorities (PEM) that the shop's other HTTP services are verified against where their address is https. Without it, the public ones and the own certificate.",
  }),
});
