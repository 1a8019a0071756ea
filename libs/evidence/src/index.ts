export { type Bundle, readBundle, writeBundle } from './bundle/bundle.js';
export { isReceiptOf, openReceipt, RECEIPT_TYP, type Receipt, sealReceipt } from './bundle/receipt.js';
export { isGranted, timestampRequest } from './bundle/timestamp.js';
export { type BundleStep, type BundleTrust, type BundleVerdict, verifyBundle } from './bundle/verify-bundle.js';
export { ACT_TOPICS, type Act, AUDIT_TOPIC, actLeaf, auditRecord, isAct } from './log/audit.js';
export { decodeEvidence, EVIDENCE_TOPIC, type EvidenceEvent, encodeEvidence } from './log/evidence-event.js';
export { decodeLeaf, encodeLeaf, LEAF_KINDS, type Leaf, type LeafKind } from './log/leaf.js';
export { type ProofVerdict, readTlogProof, type TlogProof, verifyTlogProof, writeTlogProof } from './log/tlog-proof.js';
export { decodeBundle, encodeBundle, MAX_ENTRY_BYTES } from './merkle/bundle.js';
export { TreeEdge } from './merkle/edge.js';
export { EMPTY_ROOT, foldHashes, HASH_BYTES, leafHash } from './merkle/hash.js';
export { consistencyProof, inclusionProof, type ReadTile } from './merkle/prove.js';
export { bundlePath, newTiles, readTilePath, TILE_WIDTH, type Tile, tilePath, tileWidth } from './merkle/tiles.js';
export { verifyConsistency, verifyInclusion, verifySubtree } from './merkle/verify-proof.js';
export {
  type Checkpoint,
  checkpointNote,
  checkpointText,
  openCheckpoint,
  readCheckpointText,
  type SignedCheckpoint,
  signCheckpoint,
} from './note/checkpoint.js';
export { cosign, cosignedAt } from './note/cosignature.js';
export { ed25519Signer, newEd25519Key } from './note/ed25519-signer.js';
export { readNote, readSignatureLines, type SignatureLine, writeNote, writeSignatureLine } from './note/note.js';
export { type NoteKey, type NoteSigner, noteKey, readVkey, type SignatureType } from './note/note-key.js';
export { cosigners, type Policy, readPolicy, type Witness } from './note/policy.js';
export { judgeAddCheckpoint, type WitnessAnswer, writeAddCheckpoint } from './witness/add-checkpoint.js';
