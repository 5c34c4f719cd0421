#ifndef UB_LINK_H
#define UB_LINK_H

/** Network devices of the calling thread's namespace, without the `ip` program. Each returns 0 or -errno. */
int link_create_veth(const char *name, const char *peer);
int link_rename(const char *name, const char *new_name);
int link_delete(const char *name);

#endif
