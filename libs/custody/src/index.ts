export { FileCustody } from './file/file-custody.js';
export { keyFor } from './key-for.js';
