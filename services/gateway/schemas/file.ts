import { Type } from "@fastify/type-provider-typebox";
import { strict } from "./shapes.ts";

export const StoredFile = strict(
  {
    url: Type.String({ description: "Where everybody finds it, below the address of the shop." }),
    name: Type.String({ description: "SHA-256 of the bytes in hexadecimal, and an ending." }),
    mediaType: Type.String(),
    size: Type.Integer({ description: "In bytes." }),
  },
  {
    $id: "StoredFile",
    examples: [
      {
        url: "/files/2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae.png",
        name: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae.png",
        mediaType: "image/png",
        size: 20_480,
      },
    ],
  },
);
