{
  "targets": [
    {
      "target_name": "uevent_bridge",
      "sources": [
        "native/core/attribute.c",
        "native/core/bpf.c",
        "native/core/bytes.c",
        "native/core/carry.c",
        "native/core/child.c",
        "native/core/detached.c",
        "native/core/device.c",
        "native/core/device_walk.c",
        "native/core/directory.c",
        "native/core/enter.c",
        "native/core/enter_child.c",
        "native/core/failed_set.c",
        "native/core/glance.c",
        "native/core/inject.c",
        "native/core/link.c",
        "native/core/multicast.c",
        "native/core/peek.c",
        "native/core/place.c",
        "native/core/propagation.c",
        "native/core/namespace.c",
        "native/core/nodes.c",
        "native/core/openers.c",
        "native/core/outgoing.c",
        "native/core/receive.c",
        "native/core/survey.c",
        "native/core/testing.c",
        "native/core/uevent_socket.c",
        "native/addon/bpf.c",
        "native/addon/devices.c",
        "native/addon/directory.c",
        "native/addon/module.c",
        "native/addon/namespaces.c",
        "native/addon/nodes.c",
        "native/addon/sockets.c",
        "native/addon/testing.c",
        "native/addon/values.c",
        "native/addon/walk.c",
        "native/addon/watch.c"
      ],
      "defines": ["NAPI_VERSION=8", "_GNU_SOURCE", "_FILE_OFFSET_BITS=64"],
      "cflags_c": ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"]
    }
  ]
}
