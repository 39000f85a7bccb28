// libyaml's reader, from the system.
#pragma once

#include <yaml.h>
