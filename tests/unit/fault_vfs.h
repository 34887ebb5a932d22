/* SPDX-License-Identifier: ISC */
/* Disks that fail: a VFS of SQLite over the real one, whose operations fail when a test says so. */
#ifndef FTPHEALTH_TESTS_FAULT_VFS_H
#define FTPHEALTH_TESTS_FAULT_VFS_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/unit.h"

/* What is to fail. Operations that change something are counted from 1: opening, writing, syncing,
 * truncating, deleting, making the index of the log. */
static struct {
	atomic_int count;
	atomic_int first, last; /* operations from first to last fail; 0 = none */
	atomic_int code;        /* with this; 0 = one that suits the operation */
	atomic_bool read_only;  /* the file system is */
	atomic_llong space;     /* a file cannot be longer; 0 = no limit */
	atomic_int read;        /* how many readings from now one fails; 0 = none */
	atomic_int unlock;      /* the same of locks given back, on the index of the log */
	atomic_int sleeps;      /* how often SQLite waited for a lock; it takes no time */
	atomic_bool unsynced;   /* something was written to a log and not synced since */
	sqlite3_vfs vfs, *real;
	sqlite3_io_methods methods;
} fault;

struct fault_file {
	sqlite3_file base;
	bool is_log;
	sqlite3_file *real; /* behind this */
};

static inline sqlite3_file *fault_real(sqlite3_file *file)
{
	return ((struct fault_file *)file)->real;
}

/* SQLITE_OK, or how the next operation fails, which is CODE unless the test says otherwise. */
static inline int fault_next(int code)
{
	int n = atomic_fetch_add(&fault.count, 1) + 1, first = atomic_load(&fault.first);

	if (first == 0 || n < first || n > atomic_load(&fault.last))
		return SQLITE_OK;
	return atomic_load(&fault.code) ? atomic_load(&fault.code) : code;
}

/* Counts down; true for the one that is to fail. */
static inline bool fault_comes(atomic_int *left)
{
	return atomic_load(left) > 0 && atomic_fetch_sub(left, 1) == 1;
}

static inline void fault_set(int first, int last, int code)
{
	atomic_store(&fault.count, 0);
	atomic_store(&fault.code, code);
	atomic_store(&fault.last, last);
	atomic_store(&fault.first, first);
}

static inline void fault_clear(void)
{
	atomic_store(&fault.first, 0);
	atomic_store(&fault.read_only, false);
	atomic_store(&fault.space, 0);
}

/* ---- files */

static int fault_close(sqlite3_file *file)
{
	return fault_real(file)->pMethods->xClose(fault_real(file));
}

static int fault_read(sqlite3_file *file, void *buffer, int n, sqlite3_int64 offset)
{
	if (fault_comes(&fault.read))
		return SQLITE_IOERR_READ;
	return fault_real(file)->pMethods->xRead(fault_real(file), buffer, n, offset);
}

static int fault_write(sqlite3_file *file, const void *buffer, int n, sqlite3_int64 offset)
{
	int code = fault_next(SQLITE_IOERR_WRITE);
	long long space = atomic_load(&fault.space);

	if (code != SQLITE_OK)
		return code;
	if (atomic_load(&fault.read_only))
		return SQLITE_READONLY;
	if (space != 0 && offset + n > space)
		return SQLITE_FULL;
	if (((struct fault_file *)file)->is_log)
		atomic_store(&fault.unsynced, true);
	return fault_real(file)->pMethods->xWrite(fault_real(file), buffer, n, offset);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int code = fault_next(SQLITE_IOERR_TRUNCATE);

	return code != SQLITE_OK ? code
				 : fault_real(file)->pMethods->xTruncate(fault_real(file), size);
}

/* The disk itself is not asked: it takes long, and no test pulls the plug. */
static int fault_sync(sqlite3_file *file, int flags)
{
	int code = fault_next(SQLITE_IOERR_FSYNC);

	if (code == SQLITE_OK && ((struct fault_file *)file)->is_log)
		atomic_store(&fault.unsynced, false);
	return code;
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	return fault_real(file)->pMethods->xFileSize(fault_real(file), ret);
}

static int fault_lock(sqlite3_file *file, int level)
{
	return fault_real(file)->pMethods->xLock(fault_real(file), level);
}

static int fault_unlock(sqlite3_file *file, int level)
{
	return fault_real(file)->pMethods->xUnlock(fault_real(file), level);
}

static int fault_reserved(sqlite3_file *file, int *ret)
{
	return fault_real(file)->pMethods->xCheckReservedLock(fault_real(file), ret);
}

static int fault_control(sqlite3_file *file, int op, void *arg)
{
	return fault_real(file)->pMethods->xFileControl(fault_real(file), op, arg);
}

static int fault_sector(sqlite3_file *file)
{
	return fault_real(file)->pMethods->xSectorSize(fault_real(file));
}

static int fault_device(sqlite3_file *file)
{
	return fault_real(file)->pMethods->xDeviceCharacteristics(fault_real(file));
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
	int code = extend ? fault_next(SQLITE_IOERR_SHMSIZE) : SQLITE_OK;

	if (code != SQLITE_OK)
		return code;
	if (extend && atomic_load(&fault.read_only))
		return SQLITE_READONLY_CANTINIT;
	return fault_real(file)->pMethods->xShmMap(fault_real(file), page, size, extend, ret);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	if ((flags & SQLITE_SHM_UNLOCK) && fault_comes(&fault.unlock))
		return SQLITE_IOERR_UNLOCK;
	return fault_real(file)->pMethods->xShmLock(fault_real(file), offset, n, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
	fault_real(file)->pMethods->xShmBarrier(fault_real(file));
}

static int fault_shm_unmap(sqlite3_file *file, int remove_it)
{
	return fault_real(file)->pMethods->xShmUnmap(fault_real(file), remove_it);
}

/* ---- the file system */

static int fault_open(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct fault_file *f = (struct fault_file *)file;
	int code = fault_next(SQLITE_CANTOPEN);

	f->base.pMethods = NULL;
	if (code != SQLITE_OK)
		return code;
	if (atomic_load(&fault.read_only)) {
		if (flags & SQLITE_OPEN_WAL)
			return SQLITE_CANTOPEN;
		flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
			SQLITE_OPEN_READONLY;
	}
	f->real = (sqlite3_file *)(f + 1);
	f->is_log = (flags & SQLITE_OPEN_WAL) != 0;
	code = fault.real->xOpen(fault.real, name, f->real, flags, ret_flags);
	if (f->real->pMethods)
		f->base.pMethods = &fault.methods;
	return code;
}

static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	int code = fault_next(SQLITE_IOERR_DELETE);

	return code != SQLITE_OK ? code : fault.real->xDelete(fault.real, name, sync);
}

static int fault_sleep(sqlite3_vfs *vfs, int usec)
{
	atomic_fetch_add(&fault.sleeps, 1);
	return usec;
}

/* From now on all databases are opened through it. */
static inline void fault_install(void)
{
	fault.real = sqlite3_vfs_find(NULL);
	assert_non_null(fault.real);
	fault.methods = (sqlite3_io_methods){
		.iVersion = 2,
		.xClose = fault_close,
		.xRead = fault_read,
		.xWrite = fault_write,
		.xTruncate = fault_truncate,
		.xSync = fault_sync,
		.xFileSize = fault_size,
		.xLock = fault_lock,
		.xUnlock = fault_unlock,
		.xCheckReservedLock = fault_reserved,
		.xFileControl = fault_control,
		.xSectorSize = fault_sector,
		.xDeviceCharacteristics = fault_device,
		.xShmMap = fault_shm_map,
		.xShmLock = fault_shm_lock,
		.xShmBarrier = fault_shm_barrier,
		.xShmUnmap = fault_shm_unmap,
	};
	fault.vfs = *fault.real;
	fault.vfs.zName = "fault";
	fault.vfs.szOsFile = (int)sizeof(struct fault_file) + fault.real->szOsFile;
	fault.vfs.xOpen = fault_open;
	fault.vfs.xDelete = fault_delete;
	fault.vfs.xSleep = fault_sleep;
	assert_int_equal(sqlite3_vfs_register(&fault.vfs, 1), SQLITE_OK);
}

#endif
