#!/usr/bin/env python3
"""Compiles the kernel source with a run-time compiler, which has no headers and needs no GPU.

usage: runtime_compile.py hiprtc|nvrtc KERNELS RESULT OPTION...
       runtime_compile.py hiprtc|nvrtc

Compiles position_embeddings.hip of the folder KERNELS. Every header of that folder and of its folder include is given
to the compiler in memory. Writes the code to the file RESULT and prints the compiler's version and the kernels in it, one a line. The second form
prints the version alone. Exit codes: 0 compiled without a warning, 1 not, 2 no such library.
"""
import ctypes
import glob
import os
import sys

LIBRARIES = {
    # AMD has moved hiprtc out of the HIP runtime; older runtimes hold it.
    "hiprtc": ["libhiprtc.so.7", "libhiprtc.so.6", "libamdhip64.so.5"],
    # The wheels nvidia-cuda-nvrtc-cu12 and later put the library where the loader does not look.
    "nvrtc": ["libnvrtc.so.13", "libnvrtc.so.12"]
    + [file for folder in sys.path for file in sorted(glob.glob(os.path.join(folder, "nvidia/*/lib/libnvrtc.so.*")))],
}


def load(compiler):
    for name in LIBRARIES[compiler]:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    sys.exit(2)


def version(library, compiler):
    major, minor = ctypes.c_int(), ctypes.c_int()
    getattr(library, compiler + "Version")(ctypes.byref(major), ctypes.byref(minor))
    return f"{compiler} {major.value}.{minor.value}"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def compile_source(library, compiler, source, headers, options):
    """The status, the log and the result of one compilation; both compilers have the same functions."""

    def call(name, *arguments):
        return getattr(library, compiler + name)(*arguments)

    def contents(size_name, name):
        size = ctypes.c_size_t()
        if call(size_name, program, ctypes.byref(size)) != 0 or size.value == 0:
            return b""
        buffer = ctypes.create_string_buffer(size.value)
        call(name, program, buffer)
        return buffer.raw

    program = ctypes.c_void_p()
    array = ctypes.c_char_p * len(headers)
    names = array(*[os.path.basename(header).encode() for header in headers])
    texts = array(*map(read, headers))
    name = os.path.basename(source).encode()
    if call("CreateProgram", ctypes.byref(program), read(source), name, len(headers), texts, names) != 0:
        sys.exit(f"{compiler}CreateProgram failed")
    arguments = (ctypes.c_char_p * len(options))(*[option.encode() for option in options])
    status = call("CompileProgram", program, len(options), arguments)
    log = contents("GetProgramLogSize", "GetProgramLog").decode(errors="replace").strip("\0\n ")
    result = b""
    if status == 0:
        result = contents(*(("GetCodeSize", "GetCode") if compiler == "hiprtc" else ("GetPTXSize", "GetPTX")))
    return status, log, result


def main():
    compiler = sys.argv[1]
    library = load(compiler)
    print(version(library, compiler))
    if len(sys.argv) == 2:
        return
    kernels, result_path, options = sys.argv[2], sys.argv[3], sys.argv[4:]
    source = os.path.join(kernels, "position_embeddings.hip")
    headers = sorted(glob.glob(os.path.join(kernels, "*.h")) + glob.glob(os.path.join(kernels, "include", "*.h")))
    status, log, result = compile_source(library, compiler, source, headers, options)
    if status != 0 or log:
        sys.exit(f"{compiler} returned {status}\n{log}")
    with open(result_path, "wb") as file:
        file.write(result.rstrip(b"\0") if compiler == "nvrtc" else result)
    for element_type in ["float32", "float16", "bfloat16"]:
        kernel = "position_embeddings_" + element_type
        # These forms of the name stand for code; debug and metadata sections hold the plain name too.
        if (b"%s.kd" if compiler == "hiprtc" else b".entry %s(") % kernel.encode() in result:
            print(kernel)


main()
