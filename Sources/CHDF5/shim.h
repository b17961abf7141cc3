#ifndef CHDF5_SHIM_H
#define CHDF5_SHIM_H

// Later versions of the library give some names below other parameters; this keeps those of 1.10.
#define H5_USE_110_API
#include <hdf5.h>
#include <hdf5_hl.h>
#include <sys/stat.h>

// The constants here are macros that open the library before they name a global variable, which Swift
// cannot import; the variables alone are mutable global state, which Swift 6 rejects.

static inline hid_t chdf5_type_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_type_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_type_int32(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_type_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_type_string(void) { return H5T_C_S1; }

static inline hid_t chdf5_file_create_class(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_file_access_class(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_group_create_class(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_dataset_create_class(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_link_create_class(void) { return H5P_LINK_CREATE; }
static inline hid_t chdf5_attribute_create_class(void) { return H5P_ATTRIBUTE_CREATE; }

static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }

// Macros with a cast, which Swift does not import.
static inline size_t chdf5_variable_size(void) { return H5T_VARIABLE; }

// Versioned macros, which Swift does not import, and structures that differ between versions.

static inline herr_t chdf5_iterate_links(hid_t group, herr_t (*visit)(hid_t, const char *, const H5L_info_t *, void *),
                                         void *context) {
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, context);
}

static inline int chdf5_is_hard_link(const H5L_info_t *info) { return info->type == H5L_TYPE_HARD; }

// The H5O_type_t of an object, negative on failure.
static inline int chdf5_object_type(hid_t location, const char *path) {
  H5O_info_t info;
  return H5Oget_info_by_name(location, path, &info, H5P_DEFAULT) < 0 ? -1 : (int)info.type;
}

// The H5L_type_t of a link, negative on failure.
static inline int chdf5_link_type(hid_t location, const char *path) {
  H5L_info_t info;
  return H5Lget_info(location, path, &info, H5P_DEFAULT) < 0 ? -1 : (int)info.type;
}

static inline herr_t chdf5_iterate_attributes(hid_t object,
                                              herr_t (*visit)(hid_t, const char *, const H5A_info_t *, void *),
                                              void *context) {
  return H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, context);
}

// True if something other than a regular file is at a path. Opening a pipe would wait for ever. In C, because
// Swift would need a different import of `stat` for each platform.
static inline int chdf5_is_special_file(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

#endif
