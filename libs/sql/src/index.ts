export { openOn, openSql } from './open-sql.js';
export type { Row, Sql } from './sql.js';
