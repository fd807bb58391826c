# Every third-party target the project uses, and one line saying which was found.

include(cosmo_find)
find_package(Threads REQUIRED)
cosmo_find_caf()
# The one of our cache, which nobody else can count on, is installed along.
cmake_path(IS_PREFIX COSMO_CACHE_DIR "${CAF_DIR}" NORMALIZE _cosmo_caf_is_ours)
if(_cosmo_caf_is_ours)
  cmake_path(SET COSMO_CAF_PREFIX NORMALIZE "${CAF_DIR}/../../..")
endif()
find_package(nlohmann_json 3.11 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Boost 1.81 REQUIRED CONFIG) # headers only: Beast and Asio
find_package(SQLiteCpp 3.2 REQUIRED)

set(_cosmo_found "CAF ${CAF_VERSION}, nlohmann_json ${nlohmann_json_VERSION}, \
OpenSSL ${OPENSSL_VERSION}, Boost ${Boost_VERSION}, \
SQLiteCpp ${SQLiteCpp_VERSION}")
if(COSMO_BUILD_CLI)
  find_package(CLI11 2.1 REQUIRED)
  string(APPEND _cosmo_found ", CLI11 ${CLI11_VERSION}")
endif()
if(COSMO_BUILD_TESTS)
  cosmo_find_catch2()
  string(APPEND _cosmo_found ", Catch2 ${Catch2_VERSION}")
endif()
message(STATUS "Using ${_cosmo_found}")
