import { type EncryptionKeys, openBytes, sealBytes } from "../../platform/crypto";

/** An answer's body as it is kept: an answer may show a secret, so it is sealed; those of bulk changes are large and repeat themselves. */
export async function pack(
  encryptionKeys: EncryptionKeys,
  place: string,
  body: string,
): Promise<string> {
  const packed = through(new CompressionStream("gzip"), new TextEncoder().encode(body));
  return sealBytes(encryptionKeys, place, new Uint8Array(await packed.arrayBuffer()));
}

/** What {@link pack} packed. */
export async function unpack(
  encryptionKeys: EncryptionKeys,
  place: string,
  kept: string,
): Promise<string> {
  const packed = await openBytes(encryptionKeys, place, kept);
  return through(new DecompressionStream("gzip"), packed).text();
}

function through(transform: CompressionStream | DecompressionStream, bytes: Uint8Array): Response {
  return new Response(new Blob([bytes]).stream().pipeThrough(transform));
}
