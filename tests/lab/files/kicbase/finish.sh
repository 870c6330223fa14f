# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Runs with `sh -eu` inside the node's root file system: what minikube's own recipe for its node image does after the packages are in.
units=/usr/lib/systemd/system

# A container must not start getty, udev and friends.
rm -f $units/multi-user.target.wants/* /etc/systemd/system/*.wants/* $units/local-fs.target.wants/* $units/basic.target.wants/*
rm -f $units/sockets.target.wants/*udev* $units/sockets.target.wants/*initctl*
rm -f $units/sysinit.target.wants/systemd-tmpfiles-setup.service
mkdir -p /etc/systemd/system/multi-user.target.wants /etc/kubernetes/manifests /kind
ln -fs $units/minikube-automount.service /etc/systemd/system/multi-user.target.wants/
systemctl disable udev.service containerd.service || true
systemctl mask systemd-binfmt.service
systemctl enable docker.service ssh.service
echo ReadKMsg=no >> /etc/systemd/journald.conf
ln -sf /lib/systemd/systemd /sbin/init
sed -i -re 's#^(hosts:\s*).*#\1files dns#g' /etc/nsswitch.conf
sed -i '/^\[Service\]/a LimitNOFILE=1048576' $units/containerd.service

# minikube logs in as `docker` over ssh and uses sudo.
printf '%s\n' 'PubkeyAcceptedAlgorithms +ssh-rsa' 'HostkeyAlgorithms +ssh-rsa' 'PubkeyAuthentication yes' \
  'PasswordAuthentication no' >> /etc/ssh/sshd_config
groupadd -f docker
useradd -m -s /bin/bash -g docker -G sudo docker
usermod -p '*' docker
echo '%sudo ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/20-passwordless-sudo
chmod 0440 /etc/sudoers.d/20-passwordless-sudo
install -d -o docker -g docker /home/docker/.ssh

# Beyond that recipe: minikube writes its own docker.service with this path.
[ -e /usr/bin/dockerd ] || ln -s /usr/sbin/dockerd /usr/bin/dockerd
echo 'kic! Build: stand-in' > /kic.txt
touch /CHANGELOG
rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/*
: > /etc/resolv.conf
