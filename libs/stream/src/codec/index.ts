export { codecOf, installCodec, loadKafkajs, uninstallCodec } from './install.js';
export { installTimerPatch, uninstallTimerPatch } from './timer-patch.js';
