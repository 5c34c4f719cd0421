#include "mark.h"

#include <stddef.h>
#include <sys/xattr.h>

#include "sys.h"

int mark_put(int file, const char *name)
{
	return sys_result(fsetxattr(file, name, "1", 1, 0));
}

int mark_is_there(int file, const char *name)
{
	int length = sys_result(fgetxattr(file, name, NULL, 0));
	return length == -ENODATA ? 0 : length < 0 ? length : 1;
}

int mark_remove(int file, const char *name)
{
	int error = sys_result(fremovexattr(file, name));
	return error == -ENODATA ? 0 : error;
}
