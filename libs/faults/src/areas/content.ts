import { faults } from '../fault.js';

/** Contents that are too large for a record: put at the sender's adapter, named by the record, fetched by who was handed that record. */
export const contentFaults = faults({
  CONTENT_TOO_LARGE: {
    title: 'The content is larger than this adapter keeps',
    status: 413,
    retry: false,
    next: 'Split it, or ask who runs the adapter to raise KHIDI_CONTENT_MIB.',
  },
  CONTENT_FULL: {
    title: 'The adapter has no room for another content',
    status: 507,
    retry: true,
    next: 'Wait until older ones are swept, or raise KHIDI_CONTENT_TOTAL_MIB; khidi_content_stored_bytes shows how full it is.',
  },
  CONTENT_DIGEST: {
    title: 'The bytes that arrived are not those that Content-Digest names',
    status: 400,
    retry: false,
    next: 'Send the file again; the digest is that of its bytes as they are.',
  },
  CONTENT_REFERENCE: {
    title: 'The record names a content in a malformed way',
    status: 422,
    retry: false,
    next: 'Put the reference into the record as the adapter answered it: dataref, size and mediaType.',
  },
  CONTENT_UNKNOWN: {
    title: 'This content is not kept here for the caller',
    status: 404,
    retry: false,
    next: 'The sender puts the bytes at its adapter before it sends the record that names them.',
  },
  CONTENT_PERMIT: {
    title: 'The permit for this content does not hold',
    status: 403,
    retry: false,
    next: 'Ask delivery for a new one: each is for one consumer, one content and one fetch, for two minutes.',
  },
  CONTENT_NOT_HELD: {
    title: 'The envelope does not hold, or does not name this content',
    status: 403,
    retry: false,
    next: 'Show the envelope as it was delivered, with the dataref that stands in its record.',
  },
  CONTENT_NO_ADDRESS: {
    title: 'Nobody has said where the contents of this agency are fetched',
    status: 503,
    retry: true,
    next: 'Ask the operator to add the adapter of the agency to KHIDI_CONTENT_ADDRESSES.',
  },
  CONTENT_DIFFERS: {
    title: 'The bytes that were fetched are not those that the sealed record names',
    status: 502,
    retry: true,
    next: 'Nothing of them counts; fetch again, and tell the operator and the agency if it stays so.',
  },
  CONTENT_UNREACHABLE: {
    title: 'The content could not be fetched whole',
    status: 502,
    retry: true,
    next: 'Fetch it again later; what came of it does not count.',
  },
});
