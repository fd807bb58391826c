# ccache, where there is one and nobody chose another launcher. Paths below the
# clone are hashed relative to it, so that two clones share their results.
# Beside a precompiled header it must be told not to mind times and macros.
if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(COSMO_CCACHE ccache)
  mark_as_advanced(COSMO_CCACHE)
  if(COSMO_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      "${COSMO_CCACHE}")
  endif()
endif()
