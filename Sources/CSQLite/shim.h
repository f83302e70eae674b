// SPDX-License-Identifier: AGPL-3.0-or-later
#ifndef MUJAWARA_CSQLITE_SHIM_H
#define MUJAWARA_CSQLITE_SHIM_H
#include <sqlite3.h>

// Swift can't call a variadic C function: this sets the one boolean option that the store needs,
// so that closing the last connection neither checkpoints nor unlinks the write-ahead log.
static inline int mujawara_no_checkpoint_on_close(sqlite3 *db) {
  return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// SQLITE_TRANSIENT is a cast of -1 to a function pointer, which Swift doesn't import.
static inline int mujawara_bind_blob(sqlite3_stmt *s, int i, const void *bytes, sqlite3_uint64 n) {
  return sqlite3_bind_blob64(s, i, bytes, n, SQLITE_TRANSIENT);
}
// A BLOB of length zero needs an address all the same: a null one would bind NULL.
static inline int mujawara_bind_nothing(sqlite3_stmt *s, int i) {
  return sqlite3_bind_blob64(s, i, "", 0, SQLITE_STATIC);
}
static inline int mujawara_bind_text(sqlite3_stmt *s, int i, const char *bytes, sqlite3_uint64 n) {
  return sqlite3_bind_text64(s, i, bytes, n, SQLITE_TRANSIENT, SQLITE_UTF8);
}
#endif
