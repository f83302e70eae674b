// SPDX-License-Identifier: AGPL-3.0-or-later
#ifndef MUJAWARA_CUTF8PROC_SHIM_H
#define MUJAWARA_CUTF8PROC_SHIM_H
#include <utf8proc.h>
#endif
