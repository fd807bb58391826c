# cosmo_embed_files(<variable> <root> <file>...)
# makes of text files below <root> what a C++ array of {path, text} is
# initialised with; a change of one of them configures anew.
function(cosmo_embed_files variable root)
  set(result "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY
      CMAKE_CONFIGURE_DEPENDS "${root}/${file}")
    file(READ "${root}/${file}" text)
    string(APPEND result "  {\"/${file}\", R\"embedded(${text})embedded\"},\n")
  endforeach()
  set(${variable} "${result}" PARENT_SCOPE)
endfunction()
